import { hash } from "node:crypto";

/** The look of all pages: one scale of type and of spacing, light and dark by the reader's own setting. */
export const pageStyle = `
:root { color-scheme: light dark; --ground: #f4f4f5; --sheet: #fff; --ink: #18181b; --quiet: #52525b; --line: #a1a1aa;
  --accent: #1d4ed8; --on-accent: #fff; --fault: #b91c1c; --s: .5rem; --m: 1rem; --l: 2rem; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #18181b; --sheet: #27272a; --ink: #f4f4f5; --quiet: #a1a1aa; --line: #71717a; --accent: #93c5fd;
    --on-accent: #18181b; --fault: #fca5a5; }
}
* { box-sizing: border-box; }
body { margin: 0; padding: var(--m); background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 36rem; margin: var(--l) auto; padding: var(--l); background: var(--sheet); border-radius: var(--s);
  overflow-wrap: anywhere; }
h1 { margin: 0 0 var(--m); font-size: 1.5rem; line-height: 1.25; }
h2 { margin: var(--l) 0 var(--s); font-size: 1.25rem; line-height: 1.25; }
p, form, label { display: block; margin: 0 0 var(--m); }
main > :last-child, form > :last-child { margin-bottom: 0; }
small { color: var(--quiet); font-size: .875rem; }
a { color: var(--accent); }
input { display: block; width: 100%; margin-top: var(--s); padding: var(--s); border: 1px solid var(--line);
  border-radius: var(--s); background: var(--sheet); color: inherit; font: inherit; }
button { padding: var(--s) var(--m); border: 0; border-radius: var(--s); background: var(--accent);
  color: var(--on-accent); font: inherit; font-weight: 600; cursor: pointer; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
[role="alert"] { color: var(--fault); font-weight: 600; }
`;

/** The source expression by which a content security policy allows this style and no other. */
export const pageStyleSource = `'sha256-${hash("sha256", pageStyle, "base64")}'`;
