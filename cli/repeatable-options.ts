// Parsers of options that may be repeated, for commander.

/** Collects the values. */
export const collect = (value: string, earlier: readonly string[] = []): readonly string[] => [...earlier, value];

/** Collects the values, each a list with commas. */
export const collectWords = (value: string, earlier: readonly string[] = []): readonly string[] => [
  ...earlier,
  ...value.split(',').map((word) => word.trim()),
];
