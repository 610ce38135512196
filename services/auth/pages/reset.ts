import { html, type Page } from "postbox";

/** Asks for the new password, with what was wrong with the one before. */
export const askForPassword = (faults: readonly string[] = [], status = 200): Page => ({
  title: "Set a new password",
  body: html`${faults.map((fault) => html`<p role="alert">${fault}</p>`)}
<form method="post">
<label>New password <input type="password" name="new_password" required autocomplete="new-password" autofocus></label>
<button>Set the password</button>
</form>
<small>All your sessions end. If you did not ask for this, close this page: your password stays as it is.</small>`,
  status,
});

/** Tells that the password is set, in the words of the answer. */
export const passwordSet = (message: string): Page => ({
  title: "Your password is set",
  body: html`<p>${message}</p>`,
});

/** Tells that a link does not work. */
export const resetFailed: Page = {
  title: "This link does not work any more",
  body: html`<p>It was used already, or has expired. Ask for a new one where you asked for this one.</p>`,
  status: 400,
};
