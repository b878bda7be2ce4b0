// better-auth behind the HTTP server of Node.js. It has no pages; `/` answers with the least form
// that a person could type a number into, so that a journey begins with a page here, too.

import { createServer } from "node:http";

import { toNodeHandler } from "better-auth/node";

import { auth } from "./auth.mjs";

const FORM =
  '<!doctype html><title>Sign in</title><form><label>Phone <input name="phone" type="tel">' +
  "</label><button>Send code</button></form>";

const answer = toNodeHandler(auth);
const [host, port] = process.env.ADDRESS.split(":");
createServer((request, response) => {
  if (request.url !== "/") return answer(request, response);
  response.writeHead(200, {
    "content-type": "text/html; charset=utf-8",
    "content-length": Buffer.byteLength(FORM),
  });
  return response.end(FORM);
}).listen(Number(port), host);
