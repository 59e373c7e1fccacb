/** The database to migrate; undefined when none is named. */
export const databaseUrl = process.env['DATABASE_URL'];
