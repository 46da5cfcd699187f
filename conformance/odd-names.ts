// Finds userids that can be written in more than one way.

/** Whether a name has a sign that forms and paths encode in two ways. */
export function hasPlusOrSpace(name: string): boolean {
  return /[+ ]/.test(name);
}

/** A name with its letters with marks in the other form of Unicode, NFC or NFD; the same text where it has none. */
export function inOtherForm(name: string): string {
  const composed = name.normalize('NFC');
  return name === composed ? name.normalize('NFD') : composed;
}

/** Whether a name has letters that Unicode writes in two ways. */
export function hasTwoForms(name: string): boolean {
  return inOtherForm(name) !== name;
}
