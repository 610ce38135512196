import type { MigrationContext } from "postbox/migrations";

export async function up({ query }: MigrationContext): Promise<void> {
  await query(`create table "public"."known_client" (
    "account_id" uuid not null,
    "client" text not null,
    "expires_at" timestamp with time zone not null
  )`);
  await query(`CREATE INDEX known_client_expires_at ON public.known_client USING btree (expires_at)`);
  await query(`CREATE UNIQUE INDEX known_client_pkey ON public.known_client USING btree (account_id, client)`);
  await query(
    `alter table "public"."known_client" add constraint "known_client_pkey" PRIMARY KEY using index "known_client_pkey"`,
  );
  await query(
    `alter table "public"."known_client" add constraint "known_client_account_id_fkey" FOREIGN KEY (account_id) REFERENCES account(id) ON UPDATE CASCADE ON DELETE CASCADE not valid`,
  );
  await query(`alter table "public"."known_client" validate constraint "known_client_account_id_fkey"`);
}

export async function down({ query }: MigrationContext): Promise<void> {
  await query(`alter table "public"."known_client" drop constraint "known_client_account_id_fkey"`);
  await query(`alter table "public"."known_client" drop constraint "known_client_pkey"`);
  await query(`drop index if exists "public"."known_client_expires_at"`);
  await query(`drop index if exists "public"."known_client_pkey"`);
  await query(`drop table "public"."known_client"`);
}
