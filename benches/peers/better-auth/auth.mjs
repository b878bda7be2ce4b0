// better-auth as its documentation sets it up: the phone number plugin on SQLite with WAL, and the
// limits that are on in production. Node.js has SQLite built in, so nothing has to be compiled.

import { DatabaseSync } from "node:sqlite";

import { betterAuth } from "better-auth";
import { phoneNumber } from "better-auth/plugins";

const { DATABASE, ADDRESS, SMS_URL } = process.env;

export const database = new DatabaseSync(DATABASE);
database.exec("PRAGMA journal_mode = WAL");

export const auth = betterAuth({
  baseURL: `http://${ADDRESS}`,
  secret: process.env.SECRET,
  database,
  telemetry: { enabled: false },
  rateLimit: { enabled: true },
  advanced: { ipAddress: { ipAddressHeaders: ["x-forwarded-for"] } },
  plugins: [phoneNumber({ sendOTP: sendMessage })],
});

async function sendMessage({ phoneNumber: phone, code }) {
  const response = await fetch(SMS_URL, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ phone, code }),
  });
  if (!response.ok) throw new Error(`the message was refused: ${response.status}`);
  await response.arrayBuffer();
}
