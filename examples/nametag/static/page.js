/** The page: everything it knows of SoSa is these four functions and two paths. */

import { call, session, signOut } from "/keys/device.js";
import { register, signIn } from "/keys/entering.js";

const PROFILE = "/profiles/v1/me";
const part = (id) => document.getElementById(id);

async function show(isIn) {
  part("tag").hidden = !isIn;
  part("register").hidden = isIn;
  if (!isIn) return;
  const { nickname, identity, face } = await call("profiles", "GET", PROFILE);
  part("nickname").textContent = nickname;
  part("word").value = identity;
  part("face").src = `/profiles/v1/faces/${face}.svg`;
}

/** Do something; say what went wrong where it can be read, and keep what was typed. */
async function attempt(work) {
  part("trouble").textContent = "";
  try {
    await work();
  } catch (error) {
    part("trouble").textContent = error.message;
  }
}

part("register").addEventListener("submit", (event) => {
  event.preventDefault();
  const { username, password } = Object.fromEntries(new FormData(event.target));
  attempt(async () => {
    await register({ username, password, age_answer: "18_plus", terms: true });
    await show(true);
  });
});

part("again").addEventListener("click", () => attempt(async () => {
  await signIn({ identifier: part("username").value, password: part("password").value });
  await show(true);
}));

part("identity").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(() => call("profiles", "PATCH", PROFILE, { identity: part("word").value }));
});

part("leave").addEventListener("click", () => attempt(async () => {
  await signOut();
  await show(false);
}));

attempt(async () => show(Boolean(await session())));
