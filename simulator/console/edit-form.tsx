// Form for editing a resource: only edited fields are saved, and a change that the user has not seen is never overwritten.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { announce } from './announcer.tsx';
import { type Action, ErrorNotice, useAction } from './loaded.tsx';
import { Refusal, type Versioned } from './server.ts';
import { Table } from './table.tsx';

type Fields = Readonly<Record<string, unknown>>;

/** A field that the user has changed: the value when editing began, and the new value. */
interface EditedField {
  readonly from: unknown;
  readonly to: unknown;
}

interface EditOptions<Resource, Form extends Fields> {
  readonly resource: Versioned<Resource>;
  readonly toFields: (resource: Resource) => Form;
  /** Sends the changed fields with the version as If-Match. @throws {Refusal} 412 with the current resource. */
  readonly save: (changes: Partial<Form>, version: string | null) => Promise<unknown>;
  /** Loads the resource again. */
  readonly onSaved: () => void;
  /** Text to announce after saving, e.g. "The schedule was saved." */
  readonly done: string;
}

/** A field that was changed elsewhere while the user edited it. */
interface FieldConflict {
  readonly name: string;
  readonly loaded: unknown;
  readonly stored: unknown;
  readonly own: unknown;
}

interface Conflict {
  readonly fields: readonly FieldConflict[];
  readonly version: string | null;
}

export interface Edit<Form extends Fields> extends Pick<Action, 'isBusy' | 'refusal'> {
  readonly fields: Form;
  readonly isDirty: boolean;
  readonly set: <Name extends keyof Form & string>(name: Name, value: Form[Name]) => void;
  readonly submit: () => Promise<boolean>;
  readonly conflict: Conflict | null;
  /** Overwrites the stored value. */
  readonly keepOwn: () => Promise<boolean>;
  /** Discards the edit. */
  readonly discard: () => void;
}

const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** Manages the state of a form. Unedited fields are updated when the resource is loaded again. */
export function useEdit<Resource, Form extends Fields>({
  resource,
  toFields,
  save,
  onSaved,
  done,
}: EditOptions<Resource, Form>): Edit<Form> {
  const [edited, setEdited] = useState<Readonly<Record<string, EditedField>>>({});
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const [isSaved, setSaved] = useState(false);
  const { isBusy, refusal, act, clear } = useAction();
  const loaded = toFields(resource.data);
  const changes = Object.fromEntries(
    Object.entries(edited).flatMap(([name, { from, to }]) => (isSame(from, to) ? [] : [[name, to]])),
  ) as Partial<Form>;
  // The saved values are shown until the resource is loaded again, so that the old value does not reappear for a moment.
  useEffect(() => {
    if (!isSaved) return;
    setSaved(false);
    setEdited({});
    announce(done);
  }, [resource.data]);
  const discard = () => {
    setEdited({});
    setConflict(null);
    clear();
    onSaved();
  };
  const findConflicts = (stored: Form): FieldConflict[] =>
    Object.entries(edited).flatMap(([name, { from, to }]) =>
      isSame(from, to) || isSame(stored[name], from) || isSame(stored[name], to)
        ? []
        : [{ name, loaded: from, stored: stored[name], own: to }],
    );
  /** Saves the edits and merges changes made elsewhere; stops if both sides have changed the same field. */
  const saveMerged = async (stored: Versioned<Resource>): Promise<boolean> => {
    const fields = findConflicts(toFields(stored.data));
    if (fields.length > 0) {
      setConflict({ fields, version: stored.version });
      return false;
    }
    try {
      await save(changes, stored.version);
      return true;
    } catch (error) {
      if (!(error instanceof Refusal) || error.current === null) throw error;
      return saveMerged(error.current as Versioned<Resource>);
    }
  };
  const finish = async (work: () => Promise<boolean>) => {
    let isStored = false;
    const isDone = await act(async () => {
      isStored = await work();
    });
    if (!isDone || !isStored) return false;
    setConflict(null);
    setSaved(true);
    onSaved();
    return true;
  };
  return {
    isBusy,
    refusal,
    conflict,
    discard,
    isDirty: Object.keys(changes).length > 0,
    fields: { ...loaded, ...Object.fromEntries(Object.entries(edited).map(([name, { to }]) => [name, to])) },
    set: (name, value) =>
      setEdited((before) => ({ ...before, [name]: { from: before[name]?.from ?? loaded[name], to: value } })),
    submit: () => finish(() => saveMerged(resource)),
    keepOwn: () =>
      finish(async () => {
        await save(changes, conflict?.version ?? null);
        return true;
      }),
  };
}

interface EditFormProps<Form extends Fields> {
  readonly edit: Edit<Form>;
  readonly labels: Readonly<Partial<Record<keyof Form & string, string>>>;
  readonly button: string;
  /** Class of the form, e.g. `filters` for one line. */
  readonly class?: string;
  readonly children: ComponentChildren;
  /** Content beside the save button. */
  readonly actions?: ComponentChildren;
  /** The part of an error to show below the form. Default: all of it. */
  readonly refusal?: string | null;
}

export function EditForm<Form extends Fields>({
  edit,
  labels,
  button,
  class: className = 'fields',
  children,
  actions,
  refusal = edit.refusal,
}: EditFormProps<Form>) {
  const save = (
    <button type="submit" disabled={edit.isBusy}>
      {button}
    </button>
  );
  return (
    <>
      <form
        class={className}
        onSubmit={(event) => {
          event.preventDefault();
          edit.submit();
        }}
      >
        {children}
        {actions === undefined ? (
          save
        ) : (
          <p class="actions">
            {save}
            {actions}
          </p>
        )}
      </form>
      {edit.conflict !== null && <ConflictNotice edit={edit} conflict={edit.conflict} labels={labels} />}
      {refusal !== null && <ErrorNotice>{refusal}</ErrorNotice>}
    </>
  );
}

interface ConflictNoticeProps {
  readonly edit: Pick<Edit<Fields>, 'keepOwn' | 'discard' | 'isBusy'>;
  readonly conflict: Conflict;
  readonly labels: Readonly<Partial<Record<string, string>>>;
}

/** Shows both values, and lets the user choose between them. */
function ConflictNotice({ edit, conflict, labels }: ConflictNoticeProps) {
  return (
    <section class="panel conflict" role="alert" aria-label="Conflict">
      <p>These values were changed elsewhere after you began editing. Nothing has been saved yet.</p>
      <Table
        caption="Conflicting changes"
        head={['Field', 'When you began', 'Stored now', 'Yours']}
        rows={conflict.fields.map(({ name, loaded, stored, own }) => ({
          key: name,
          cells: [
            labels[name] ?? name,
            <State key="loaded" value={loaded} />,
            <State key="stored" value={stored} />,
            <State key="own" value={own} />,
          ],
        }))}
      />
      <p class="actions">
        <button type="button" class="danger" disabled={edit.isBusy} onClick={edit.keepOwn}>
          Overwrite with mine
        </button>
        <button type="button" disabled={edit.isBusy} onClick={edit.discard}>
          Discard mine
        </button>
      </p>
    </section>
  );
}

function State({ value }: { readonly value: unknown }) {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return <span class="lines">{text === '' || text === undefined ? '(empty)' : text}</span>;
}
