// Text filter of a list. The list is updated when the user stops typing, and the down arrow key moves the focus to its first row.
import { useEffect, useRef, useState } from 'preact/hooks';
import { focusFirstRow } from './table.tsx';

const pauseMs = 250;

interface SearchFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

export function SearchField({ label, value, onChange }: SearchFieldProps) {
  const [typed, setTyped] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const sent = useRef(value);
  // A new value in the URL, e.g. from the browser's back button, replaces the typed text. A value that the field itself wrote to the URL does not.
  useEffect(() => {
    if (value !== sent.current) setTyped(value);
    sent.current = value;
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const send = (text: string) => {
    clearTimeout(timer.current);
    sent.current = text;
    onChange(text);
  };
  return (
    <label>
      {label}
      <input
        type="search"
        aria-keyshortcuts="ArrowDown"
        value={typed}
        onInput={(event) => {
          const text = event.currentTarget.value;
          setTyped(text);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => send(text), pauseMs);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') send(event.currentTarget.value);
          if (event.key === 'ArrowDown' && focusFirstRow()) event.preventDefault();
        }}
      />
    </label>
  );
}
