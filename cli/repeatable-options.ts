// Parsers of repeatable options, for commander.

/** Collects the values. */
export const collect = (value: string, earlier: readonly string[] = []): readonly string[] => [...earlier, value];

/** Collects the values, each of which may be a comma-separated list. */
export const collectWords = (value: string, earlier: readonly string[] = []): readonly string[] => [
  ...earlier,
  ...value.split(',').map((word) => word.trim()),
];
