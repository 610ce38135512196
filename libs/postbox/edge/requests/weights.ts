/** What a header such as `Accept-Encoding` lists, each with its weight from 0 to 1: `br, gzip;q=0.5`. Names are in lowercase. */
export function weightsOf(header: string): ReadonlyMap<string, number> {
  return new Map(header.toLowerCase().split(",").map(weighted));
}

/** `gzip;q=0.5`: a name and its weight, 1 if it has none. */
function weighted(part: string): readonly [string, number] {
  const [name = "", ...parameters] = part.split(";").map((text) => text.trim());
  const weight = parameters.find((parameter) => parameter.startsWith("q="));
  return [name, weight === undefined ? 1 : Number(weight.slice(2))];
}
