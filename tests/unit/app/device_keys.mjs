// Runs the browser's key schedule, proofs and seals outside a browser: WebCrypto is the same there.
// Takes a job as JSON on standard input, answers as JSON on standard output.

globalThis.location = { origin: "http://localhost:3000" };
const { deriveLeaves, fromB64u } = await import("../../../sosa_app/live/device/keys.js");
const { correctClock, makeProof, openSealed } = await import("../../../sosa_app/live/device/proof.js");

const jobs = {
  async derive({ secret, salt, kid }) {
    const bytes = fromB64u(secret);
    const leaves = await deriveLeaves(bytes, fromB64u(salt), kid);
    const keys = [...Object.values(leaves.proof), leaves.seal];
    return {
      kid: leaves.kid,
      left_of_the_secret: bytes.reduce((sum, byte) => sum + byte, 0),
      audiences: Object.keys(leaves.proof),
      uses: keys.map((key) => key.usages.join()),
      can_leave: keys.some((key) => key.extractable),
    };
  },
  async prove({ secret, salt, kid, audience, what, server_time }) {
    correctClock(server_time);
    const leaves = await deriveLeaves(fromB64u(secret), fromB64u(salt), kid);
    return makeProof(leaves, audience, what);
  },
  async open({ secret, salt, kid, sealed, jti }) {
    const leaves = await deriveLeaves(fromB64u(secret), fromB64u(salt), kid);
    return openSealed(leaves, sealed, jti);
  },
};

const { job, ...given } = JSON.parse(await Bun.stdin.text());
try {
  console.log(JSON.stringify({ answer: await jobs[job](given) }));
} catch (error) {
  console.log(JSON.stringify({ refused: error.message || error.name }));
}
