import { html, type Page } from "postbox";
import { type Confirmation, confirmations } from "../links/confirm-address.ts";

/** Asks the visitor to press a button: a program that only looks at the link presses none. */
export const askToConfirm: Page = {
  title: "Verify your address",
  body: html`<p>Press the button to verify that this address is yours.</p>
<form method="post"><button>Verify my address</button></form>
<small>If you did not register, close this page: nothing has been done.</small>`,
};

/** Tells what became of the address. */
export const confirmed = (confirmation: Confirmation): Page => ({
  title: confirmations[confirmation],
  body: html`<p>You can log in now, and close this page.</p>`,
});

/** Tells that a link does not work, and offers another. The form stands one level below the path that it is sent to. */
export const verificationFailed: Page = {
  title: "This link does not work any more",
  body: html`<p>It may have expired, or may not be whole. Have another one sent to your address.</p>
${requestForm("../email", "")}`,
  status: 400,
};

/** Asks for the address that a link is to be sent to. */
export const askForAddress = (email: string): Page => ({
  title: "Have the link sent again",
  body: requestForm("", email),
});

/** Tells that a mail is on its way, in the words of the answer. */
export const linkSent = (message: string): Page => ({ title: "Look into your mailbox", body: html`<p>${message}</p>` });

/** @param action where the form is sent to; empty: to the page's own address. */
function requestForm(action: string, email: string) {
  return html`<form method="post" action="${action}">
<label>Email address <input type="email" name="email" value="${email}" required maxlength="254" autocomplete="email"></label>
<button>Send the link</button>
</form>`;
}
