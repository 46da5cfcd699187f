// Finds userids that can be written in more than one way.

/** Returns whether a name contains a character that forms and paths encode in two ways. */
export function hasPlusOrSpace(name: string): boolean {
  return /[+ ]/.test(name);
}

/** Returns a name with its composed letters in the other Unicode form, NFC or NFD; returns the name unchanged if it contains no such letters. */
export function inOtherForm(name: string): string {
  const composed = name.normalize('NFC');
  return name === composed ? name.normalize('NFD') : composed;
}

/** Returns whether a name has letters that Unicode represents in two ways. */
export function hasTwoForms(name: string): boolean {
  return inOtherForm(name) !== name;
}
