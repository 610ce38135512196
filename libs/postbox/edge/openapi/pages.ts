import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

/** A file that a page loads. */
interface Asset {
  /** Its path, beginning with its package. */
  readonly file: string;
  /** Its media type. */
  readonly type: string;
  /** The address of an image elsewhere that the file would load. An empty image is put in its place. */
  readonly remoteImage?: string;
}

const emptyImage = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E";

/** The files of both pages, by the names under which they are served. No other file of these packages is served. */
const assets: Readonly<Record<string, Asset>> = {
  "swagger-ui.css": { file: "swagger-ui-dist/swagger-ui.css", type: "text/css" },
  "swagger-ui.js": { file: "swagger-ui-dist/swagger-ui-bundle.js", type: "text/javascript" },
  "redoc.js": {
    file: "redoc/bundles/redoc.standalone.js",
    type: "text/javascript",
    remoteImage: "https://cdn.redoc.ly/redoc/logo-mini.svg",
  },
};

/** The pages' own scripts, by name: each shows the document beside its page. */
const scripts: Readonly<Record<string, string>> = {
  "docs.js": `SwaggerUIBundle({ url: location.pathname.replace(/docs\\/?$/, "openapi.json"), dom_id: "#page" });`,
  "redoc-start.js": `Redoc.init(location.pathname.replace(/redoc\\/?$/, "openapi.json"), {}, document.getElementById("page"));`,
};

/** Headers of the pages: they may load the gateway's files and call the gateway, nothing else. */
export const pageHeaders: readonly string[] = [
  ...["Cache-Control", "no-cache"],
  "Content-Security-Policy",
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src blob:; frame-ancestors 'none'",
  ...["Referrer-Policy", "no-referrer"],
  ...["X-Content-Type-Options", "nosniff"],
];

/** The page that shows a service's document. Its files are below `assetPath`. */
export function page(kind: "docs" | "redoc", title: string, assetPath: string): string {
  const [styles, loaded] =
    kind === "docs" ? [["swagger-ui.css"], ["swagger-ui.js", "docs.js"]] : [[], ["redoc.js", "redoc-start.js"]];
  const links = styles.map((name) => `<link rel="stylesheet" href="${assetPath}${name}">`);
  const tags = loaded.map((name) => `<script src="${assetPath}${name}"></script>`);
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${title}</title>${links.join("")}</head>
<body><div id="page"></div>${tags.join("")}</body>
</html>
`;
}

const { resolve } = createRequire(import.meta.url);

/** Whether the pages have a file of that name. */
export function isAsset(name: string): boolean {
  return Object.hasOwn(scripts, name) || Object.hasOwn(assets, name);
}

/** A file of the pages; undefined if there is none of that name. */
export async function asset(name: string): Promise<{ type: string; body: Buffer | string } | undefined> {
  const script = Object.hasOwn(scripts, name) ? scripts[name] : undefined;
  if (script !== undefined) return { type: "text/javascript", body: script };
  const found = Object.hasOwn(assets, name) ? assets[name] : undefined;
  if (!found) return undefined;
  const { file, type, remoteImage } = found;
  const body = await readFile(resolve(file));
  return { type, body: remoteImage === undefined ? body : body.toString().replaceAll(remoteImage, emptyImage) };
}
