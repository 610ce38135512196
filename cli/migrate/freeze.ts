import { ship } from "../../libs/postbox/tools/migrations/history/shipped.ts";

export async function freezeMigrations(services: readonly string[]): Promise<void> {
  const names = await ship(services);
  console.log(
    names.length > 0
      ? `Recorded in test/migrations/shipped.json: ${names.join(", ")}`
      : "Nothing to do: every migration is recorded.",
  );
}
