/** What a module declares or imports at its top, once for each time it does: two of one name do not compile. */
export function declaredNames(text: string): string[] {
  const imported = [...text.matchAll(/^import (?:type )?([^;"']*) from /gm)].flatMap(([, clause = ""]) =>
    clause
      .split(/[{},]/)
      .map((part) => part.trim().split(/\s/).at(-1) ?? "")
      .filter(Boolean),
  );
  const values = [...text.matchAll(/^(?:export )?(?:const|let|class) (\w+)/gm)].map(([, name = ""]) => name);
  // A function may have several heads, and a type the name of a value.
  const functions = [...text.matchAll(/^(?:export )?(?:async )?function\*? (\w+)/gm)].map(([, name = ""]) => name);
  return [...imported, ...values, ...new Set(functions)];
}
