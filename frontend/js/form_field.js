/** What every field of a form has, for elements of one's own: https://html.spec.whatwg.org/#form-associated-custom-elements */
export class FormField extends HTMLElement {
  static formAssociated = true;

  internals = this.attachInternals();

  get form() {
    return this.internals.form;
  }

  get name() {
    return this.getAttribute("name") ?? "";
  }

  get type() {
    return this.localName;
  }

  get validity() {
    return this.internals.validity;
  }

  get validationMessage() {
    return this.internals.validationMessage;
  }

  get willValidate() {
    return this.internals.willValidate;
  }

  checkValidity() {
    return this.internals.checkValidity();
  }

  reportValidity() {
    return this.internals.reportValidity();
  }
}
