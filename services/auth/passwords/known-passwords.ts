import { dictionary } from "@zxcvbn-ts/language-common";

/** Passwords of leaks, the most frequent ones: what attackers try first. In lower case. */
let known: ReadonlySet<string> | undefined;

/** Signs that people write for a letter. Digits count as such between letters only: `passw0rd`, but `admin123`. */
const disguises: readonly (readonly [RegExp, string])[] = [
  [/@/g, "a"],
  [/\$/g, "s"],
  [/(?<=\p{L})0(?=\p{L})/gu, "o"],
  [/(?<=\p{L})1(?=\p{L})/gu, "i"],
  [/(?<=\p{L})3(?=\p{L})/gu, "e"],
  [/(?<=\p{L})4(?=\p{L})/gu, "a"],
  [/(?<=\p{L})5(?=\p{L})/gu, "s"],
];

/** Characters of a part up to which its repetition is as bad as a password of the list. */
const shortPart = 4;

/**
 * Whether a password is one that attackers try first: it is in the list, or says no more than the given words. A rule that
 * asks for symbols makes people add them, so `P@ssword1!` counts as `password1`, and so does a repetition of that.
 *
 * @param words what an attacker knows of the user.
 */
export function isKnownPassword(password: string, words: readonly string[]): boolean {
  known ??= new Set(dictionary["passwords-common"]);
  const given = password.toLowerCase();
  if (withoutRepetition(given).length <= shortPart) return true;
  const ofUser = new Set(words.flatMap((word) => forms(word.toLowerCase())));
  return forms(given).some((form) => known?.has(form) || ofUser.has(form));
}

/** A text as it stands, without symbols, and with letters for what stands for them; each also without its repetition. */
function forms(text: string): string[] {
  const plain = disguises.reduce((so, [sign, letter]) => so.replaceAll(sign, letter), text);
  return [text, withoutSymbols(text), plain, withoutSymbols(plain)]
    .flatMap((form) => [form, withoutRepetition(form)])
    .filter((form) => form !== "");
}

const withoutSymbols = (text: string) => text.replaceAll(/[^\p{L}\p{N}]/gu, "");
const withoutRepetition = (text: string) => /^(.+?)\1+$/su.exec(text)?.[1] ?? text;
