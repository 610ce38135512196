import { readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";

/** A fenced block of a page: what stands behind the opening fence, and its lines. */
export interface Block {
  readonly language: string;
  readonly lines: readonly string[];
}

/** A page of Markdown, taken apart. All paths are relative to the project's folder. */
export interface Page {
  readonly path: string;
  /** Lines outside blocks and tables, with their numbers. */
  readonly lines: readonly { readonly text: string; readonly number: number }[];
  /** Sentences of prose, a code span or a link's text counting as what is read there. */
  readonly sentences: readonly string[];
  readonly blocks: readonly Block[];
  /** The text of every code span, tables included. */
  readonly spans: readonly string[];
  /** Targets of links into the project: the file, and the heading's anchor if there is one. */
  readonly links: readonly { readonly file: string; readonly anchor: string | undefined }[];
  /** Anchors of its headings. */
  readonly anchors: ReadonlySet<string>;
}

const fence = /^\s*```(\S*)/;

export function readPage(root: string, path: string): Page {
  const all = readFileSync(join(root, path), "utf8").replaceAll(/<!--[\s\S]*?-->/g, "");
  const blocks: Block[] = [];
  const lines: { text: string; number: number }[] = [];
  const outside: string[] = [];
  let open: { language: string; lines: string[] } | undefined;
  all.split("\n").forEach((text, index) => {
    const [, language] = fence.exec(text) ?? [];
    if (open) {
      if (language === "") open = undefined;
      else open.lines.push(text);
    } else if (language !== undefined) {
      open = { language, lines: [] };
      blocks.push(open);
    } else {
      outside.push(text);
      if (!text.startsWith("|")) lines.push({ text, number: index + 1 });
    }
  });
  const text = outside.join("\n");
  return {
    path,
    lines,
    blocks,
    sentences: sentencesOf(lines.map((line) => line.text)),
    spans: [...text.matchAll(/`([^`\n]+)`/g)].map(([, span = ""]) => span),
    links: [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].map(([, file = "", anchor]) => ({
      file: file === "" ? path : posix.join(dirname(path), file),
      anchor,
    })),
    anchors: new Set(outside.filter((line) => line.startsWith("#")).map(anchorOf)),
  };
}

/** As GitHub makes them. */
function anchorOf(heading: string): string {
  return heading
    .replace(/^#+\s*/, "")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(/\s/g, "-");
}

const listItem = /^\s*(?:[-*]|\d+\.)\s+/;

function sentencesOf(lines: readonly string[]): string[] {
  const paragraphs: string[] = [];
  let paragraph: string[] = [];
  const close = () => {
    if (paragraph.length > 0) paragraphs.push(paragraph.join(" "));
    paragraph = [];
  };
  for (const line of lines) {
    if (line.trim() === "" || line.startsWith("#") || listItem.test(line)) close();
    if (!line.startsWith("#")) paragraph.push(line.replace(listItem, "").trim());
  }
  close();
  return paragraphs.flatMap((text) =>
    text
      .replaceAll(/`[^`]+`/g, "code")
      .replaceAll(/\]\([^)]*\)/g, "]")
      .split(/(?<=[.!?][)"*\]]*)\s+(?=\W*[A-Z0-9c])/)
      .filter((sentence) => sentence !== ""),
  );
}

export const wordsIn = (sentence: string): number => sentence.split(/\s+/).filter((word) => /\w/.test(word)).length;
