/** The line in the footer that says whether corrections are sent, and lets one change it. Hidden until one was asked. */
import { consent, onConsent, setConsent } from "../consent.js";
import { element } from "../dom.js";
import { isAbsent } from "../feedback.js";
import { t } from "../i18n.js";
import { outbox } from "./outbox.js";

export class ConsentLine {
  /** @param {HTMLElement} place @param {import("../i18n.js").TextName} [given] what is sent, where that is something else */
  constructor(place, given = "consent_given") {
    this.place = place;
    this.given = given;
    onConsent(() => this.render());
    outbox.onNews(({ outcome }) => outcome === "absent" && this.render());
    this.render();
  }

  /** Draws all anew, in the page's language. */
  render() {
    const answer = consent();
    this.place.hidden = answer === null;
    const sent = answer === "yes";
    const absent = sent && isAbsent();
    const does = absent ? "consent_no" : "consent_withdraw";
    const button = element("button", { type: "button", className: "quiet" }, t(sent ? does : "consent_allow"));
    button.onclick = () => {
      setConsent(sent ? "no" : "yes");
      /** @type {HTMLElement | null} */ (this.place.querySelector("button"))?.focus();
    };
    const given = absent ? "consent_absent" : this.given;
    this.place.replaceChildren(element("span", {}, t(sent ? given : "consent_refused")), " ", button);
  }
}
