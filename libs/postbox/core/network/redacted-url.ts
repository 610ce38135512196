/** The scheme, host and port of a URL, without user, password and path, as logs may show it. */
export function redactedUrl(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}
