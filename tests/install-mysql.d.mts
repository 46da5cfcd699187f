// Owns the types of install-mysql.mjs.
/** Where `mysqld` is brought to. */
export const mysqlFolder: string;
