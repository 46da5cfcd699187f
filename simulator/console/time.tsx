// Times in the console: UTC, to the second.

export function Time({ at }: { readonly at: string }) {
  return <time dateTime={at}>{at.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')}</time>;
}
