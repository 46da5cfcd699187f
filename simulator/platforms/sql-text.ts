// Quotes names in the SQL dialect of each data platform.

/**
 * Returns whether a name can be part of a statement. It must not contain control characters, line separators or unpaired surrogates. Dialects
 * interpret these as line ends, escapes or terminators.
 */
export function canBeQuoted(name: string): boolean {
  return !/\p{Cc}|\p{Surrogate}|[\u2028\u2029]/u.test(name);
}

/**
 * Quotes a string for Redshift or Snowflake. In both, a backslash starts an escape within single quotes, so it is doubled like the quote. Sources:
 * QUOTE_LITERAL of Redshift; Escape sequences in String & binary data types of Snowflake.
 */
export function quoteEscapedString(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** Quotes a T-SQL string, in which a backslash is literal; adds the prefix N to text outside ASCII. */
export function quoteSynapseString(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range must cover all of ASCII.
  const prefix = /^[\x00-\x7f]*$/.test(text) ? '' : 'N';
  return `${prefix}'${text.replaceAll("'", "''")}'`;
}

/** Quotes a Unicode string of T-SQL, which its procedures for roles require. */
export function quoteSynapseName(text: string): string {
  return `N'${text.replaceAll("'", "''")}'`;
}

/** Quotes a Redshift or Snowflake identifier exactly. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * Quotes a value of Spark's SET, which has no quotes. Plain values are unchanged, as on the platform's page; others are enclosed in backticks (Spark
 * SQL's grammar, configValue).
 */
export function quoteSparkValue(text: string): string {
  return /^[\w.@+-]+$/.test(text) ? text : `\`${text.replaceAll('`', '``')}\``;
}
