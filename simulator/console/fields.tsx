// Labeled form fields of the console.
import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';

interface FieldProps<Value> {
  readonly label: ComponentChildren;
  readonly value: Value;
  readonly onInput: (value: Value) => void;
  /** Hint shown below the field, and read with it by screen readers. */
  readonly hint?: string;
  /** Why the value was not accepted. */
  readonly error?: string | undefined;
}

interface TextFieldProps extends FieldProps<string> {
  readonly type?: 'text' | 'email' | 'password' | 'number';
  readonly required?: boolean;
  readonly placeholder?: string;
  /** Several lines. */
  readonly isLong?: boolean;
}

export function TextField({
  label,
  value,
  onInput,
  type = 'text',
  isLong,
  required,
  placeholder,
  hint,
  error,
}: TextFieldProps) {
  const id = useId();
  const attributes = {
    id,
    required,
    placeholder,
    spellcheck: false,
    value,
    ...describedBy(id, hint, error),
    onInput: (event: { readonly currentTarget: HTMLInputElement | HTMLTextAreaElement }) =>
      onInput(event.currentTarget.value),
  };
  return (
    <div>
      <label for={id}>{label}</label>
      {isLong && <textarea rows={3} {...attributes} />}
      {!isLong && type === 'email' && <input type="email" {...attributes} />}
      {!isLong && type === 'password' && <input type="password" autocomplete="new-password" {...attributes} />}
      {!isLong && type === 'number' && <input type="number" step="any" {...attributes} />}
      {!isLong && type === 'text' && <input {...attributes} />}
      <FieldError id={id} text={error} />
      <Hint id={id} text={hint} />
    </div>
  );
}

export function CheckField({ label, value, onInput, hint, error }: FieldProps<boolean>) {
  const id = useId();
  return (
    <div>
      <label class="check">
        <input
          type="checkbox"
          checked={value}
          {...describedBy(id, hint, error)}
          onChange={(event) => onInput(event.currentTarget.checked)}
        />
        {label}
      </label>
      <FieldError id={id} text={error} />
      <Hint id={id} text={hint} />
    </div>
  );
}

interface SelectFieldProps extends FieldProps<string> {
  /** Value → text. */
  readonly options: Readonly<Record<string, string>>;
  readonly required?: boolean;
}

export function SelectField({ label, value, onInput, options, required, hint, error }: SelectFieldProps) {
  const id = useId();
  return (
    <div>
      <label for={id}>{label}</label>
      <select
        id={id}
        required={required}
        value={value}
        {...describedBy(id, hint, error)}
        onChange={(event) => onInput(event.currentTarget.value)}
      >
        {Object.entries(options).map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </select>
      <FieldError id={id} text={error} />
      <Hint id={id} text={hint} />
    </div>
  );
}

interface FileFieldProps {
  readonly label: string;
  /** Why the file was not accepted. */
  readonly error?: string | undefined;
  /** Whether a file is stored. The content of a stored file is never shown. Null: the chosen file is sent, but never stored. */
  readonly isStored: boolean | null;
  /** File name extensions, separated by commas. */
  readonly accept?: string;
  readonly required?: boolean;
  readonly onInput: (text: string) => void;
}

const pemFiles = '.pem,.crt,.cer,.key';

/** Reads a text file that the user selects. */
export function FileField({ label, isStored, accept = pemFiles, required = false, error, onInput }: FileFieldProps) {
  const id = useId();
  const [name, setName] = useState<string | null>(null);
  const stored = isStored ? 'A file is stored.' : 'No file is stored.';
  const chosen = isStored === null ? `${name} was chosen.` : `${name} is sent when you save.`;
  const state = name !== null ? chosen : isStored === null ? 'No file was chosen.' : stored;
  return (
    <div>
      <label for={id}>{label}</label>
      <input
        id={id}
        type="file"
        accept={accept}
        required={required && isStored !== true}
        {...describedBy(id, state, error)}
        onChange={async (event) => {
          const [file] = event.currentTarget.files ?? [];
          setName(file?.name ?? null);
          onInput(file === undefined ? '' : await file.text());
        }}
      />
      <FieldError id={id} text={error} />
      <Hint id={id} text={state} />
    </div>
  );
}

/** Returns the attributes of a field: the text that screen readers read together with it, and whether it is invalid. */
function describedBy(id: string, hint: string | undefined, error: string | undefined) {
  const ids = [...(error === undefined ? [] : [`${id}-error`]), ...(hint === undefined ? [] : [`${id}-hint`])];
  return {
    'aria-describedby': ids.length === 0 ? undefined : ids.join(' '),
    'aria-invalid': error === undefined ? undefined : true,
  };
}

function FieldError({ id, text }: { readonly id: string; readonly text: string | undefined }) {
  return text === undefined ? null : (
    <span id={`${id}-error`} class="field-error" role="alert">
      {text}
    </span>
  );
}

function Hint({ id, text }: { readonly id: string; readonly text: string | undefined }) {
  return text === undefined ? null : (
    <span id={`${id}-hint`} class="hint">
      {text}
    </span>
  );
}
