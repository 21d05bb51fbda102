/** The line in the footer that says whether corrections are sent, and lets one change it. Hidden until one was asked. */
import { consent, onConsent, setConsent } from "../consent.js";
import { element } from "../dom.js";
import { t } from "../i18n.js";

export class ConsentLine {
  /** @param {HTMLElement} place @param {import("../i18n.js").TextName} [given] what is sent, where that is something else */
  constructor(place, given = "consent_given") {
    this.place = place;
    this.given = given;
    onConsent(() => this.render());
    this.render();
  }

  /** Draws all anew, in the page's language. */
  render() {
    const answer = consent();
    this.place.hidden = answer === null;
    const sent = answer === "yes";
    const button = element(
      "button",
      { type: "button", className: "quiet" },
      t(sent ? "consent_withdraw" : "consent_allow"),
    );
    button.onclick = () => {
      setConsent(sent ? "no" : "yes");
      /** @type {HTMLElement | null} */ (this.place.querySelector("button"))?.focus();
    };
    this.place.replaceChildren(element("span", {}, t(sent ? this.given : "consent_refused")), " ", button);
  }
}
