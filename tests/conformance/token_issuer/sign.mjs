// sign.mjs ISSUER AUDIENCE: prints {"jwks": {...}, "tokens": {name: token}}: a key of each
// algorithm, a token that each signed, and tokens that no server should take.
import * as jose from "jose";

const [issuer, audience] = process.argv.slice(2);
const algorithms = ["RS256", "PS256", "ES256", "EdDSA"];
const keys = {};
const jwks = { keys: [] };
for (const alg of algorithms) {
  keys[alg] = await jose.generateKeyPair(alg, { extractable: true });
  jwks.keys.push({ ...(await jose.exportJWK(keys[alg].publicKey)), kid: alg, alg, use: "sig" });
}

function claims(changes = {}) {
  const now = Math.floor(Date.now() / 1000);
  return { iss: issuer, aud: audience, azp: "jose", scp: "score", iat: now, exp: now + 600, ...changes };
}

async function sign(alg, payload = claims(), header = {}) {
  return new jose.SignJWT(payload)
    .setProtectedHeader({ alg, kid: alg, typ: "at+jwt", ...header })
    .sign(keys[alg].privateKey);
}

const secret = new TextEncoder().encode(await jose.exportSPKI(keys.RS256.publicKey));
const tokens = {
  refused_expired: await sign("RS256", claims({ exp: 1700000000, iat: 1699999000 })),
  refused_audience: await sign("RS256", claims({ aud: "api://other" })),
  refused_issuer: await sign("RS256", claims({ iss: issuer + "/" })),
  refused_id_token: await sign("ES256", claims({ nonce: "n" })),
  refused_unsigned: new jose.UnsecuredJWT(claims()).encode(),
  refused_shared_secret: await new jose.SignJWT(claims())
    .setProtectedHeader({ alg: "HS256", kid: "RS256" })
    .sign(secret),
  refused_encrypted: await new jose.EncryptJWT(claims())
    .setProtectedHeader({ alg: "RSA-OAEP-256", enc: "A256GCM", kid: "RS256" })
    .encrypt(await jose.importJWK(jwks.keys[0], "RSA-OAEP-256")),
};
for (const alg of algorithms) tokens[alg] = await sign(alg);
process.stdout.write(JSON.stringify({ jwks, tokens }));
