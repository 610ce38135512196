import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

/** A file that a page loads: where it is in its package, and what it is. */
interface Asset {
  readonly file: string;
  readonly type: string;
  /** An address elsewhere that the file has the page load an image from; an empty image stands in for it. */
  readonly elsewhere?: string;
}

const emptyImage = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E";

/** The files of both pages, by the name they are served under. Nothing else of those packages is. */
const assets: Readonly<Record<string, Asset>> = {
  "swagger-ui.css": { file: "swagger-ui-dist/swagger-ui.css", type: "text/css" },
  "swagger-ui.js": { file: "swagger-ui-dist/swagger-ui-bundle.js", type: "text/javascript" },
  "redoc.js": {
    file: "redoc/bundles/redoc.standalone.js",
    type: "text/javascript",
    elsewhere: "https://cdn.redoc.ly/redoc/logo-mini.svg",
  },
};

/** A page's own script: it shows the document that stands beside the page. */
const starters: Readonly<Record<string, string>> = {
  "docs.js": `SwaggerUIBundle({ url: location.pathname.replace(/docs$/, "openapi.json"), dom_id: "#page" });`,
  "redoc-start.js": `Redoc.init(location.pathname.replace(/redoc$/, "openapi.json"), {}, document.getElementById("page"));`,
};

/** What the pages may do: load the files beside them, call this gateway, nothing elsewhere. */
export const pageHeaders: readonly string[] = [
  ...["Cache-Control", "no-cache"],
  "Content-Security-Policy",
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src blob:; frame-ancestors 'none'",
  ...["Referrer-Policy", "no-referrer"],
  ...["X-Content-Type-Options", "nosniff"],
];

/** The page that shows a service's document. Its files are under `assetPath`. */
export function page(kind: "docs" | "redoc", title: string, assetPath: string): string {
  const [styles, scripts] =
    kind === "docs" ? [["swagger-ui.css"], ["swagger-ui.js", "docs.js"]] : [[], ["redoc.js", "redoc-start.js"]];
  const links = styles.map((name) => `<link rel="stylesheet" href="${assetPath}${name}">`);
  const tags = scripts.map((name) => `<script src="${assetPath}${name}"></script>`);
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${title}</title>${links.join("")}</head>
<body><div id="page"></div>${tags.join("")}</body>
</html>
`;
}

const { resolve } = createRequire(import.meta.url);

/** A file of the pages; undefined if there is none of that name. */
export async function asset(name: string): Promise<{ type: string; body: Buffer | string } | undefined> {
  const starter = Object.hasOwn(starters, name) ? starters[name] : undefined;
  if (starter !== undefined) return { type: "text/javascript", body: starter };
  const found = Object.hasOwn(assets, name) ? assets[name] : undefined;
  if (!found) return undefined;
  const { file, type, elsewhere } = found;
  const body = await readFile(resolve(file));
  return { type, body: elsewhere === undefined ? body : body.toString().replaceAll(elsewhere, emptyImage) };
}
