// Types of install-mysql.mjs.
/** The program of MySQL itself; `null`: there is none. */
export function findMysql(): string | null;
