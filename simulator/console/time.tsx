// Owns how a time is written in the console: to the second, in UTC as the simulator keeps it.

export function Time({ at }: { readonly at: string }) {
  return <time dateTime={at}>{at.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')}</time>;
}
