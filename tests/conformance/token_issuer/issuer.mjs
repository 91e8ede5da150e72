// issuer.mjs PORT: an issuer of access tokens on loopback, until it is ended. Its name is
// http://localhost:PORT.
import { OAuth2Server } from "oauth2-mock-server";

const server = new OAuth2Server();
await server.issuer.keys.generate("RS256");
await server.start(Number(process.argv[2]), "127.0.0.1");
