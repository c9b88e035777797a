/** What is worth showing to whom (docs/decisions/0012-roles-in-code.md). What a role opens, auth decides. */

const has = (account, ...roles) => Boolean(account?.roles.some((role) => roles.includes(role)));

/** Whether somebody may look members up, and ask them to stay away for a while. */
export const mindsHouse = (account) => has(account, "owner", "admin", "moderator");

/** Whether somebody may hand out roles, and show members out for good. */
export const holdsKeys = (account) => has(account, "owner", "admin");
