// Makes the tables and so many users, whose numbers the benchmark signs in:
// `node prepare.mjs COUNT`.

import { getMigrations } from "better-auth/db/migration";

import { auth, database } from "./auth.mjs";

const { runMigrations } = await getMigrations(auth.options);
await runMigrations();

const insert = database.prepare(
  `INSERT INTO user
     (id, name, email, emailVerified, createdAt, updatedAt, phoneNumber, phoneNumberVerified)
   VALUES (?, ?, ?, 0, ?, ?, ?, 1)`,
);
const now = new Date().toISOString();
database.exec("BEGIN");
for (let number = 0; number < Number(process.argv[2]); number += 1) {
  const phone = `+447400${String(number).padStart(6, "0")}`;
  insert.run(`user-${number}`, phone, `${number}@example.com`, now, now, phone);
}
database.exec("COMMIT");
database.close();
