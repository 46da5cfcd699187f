// Text field with a list of suggestions (WAI-ARIA combobox), selected with the arrow keys and Enter, or with a click.
import { useEffect, useId, useRef, useState } from 'preact/hooks';

export interface Suggestion {
  readonly key: string | number;
  readonly text: string;
  /** Hint shown beside the text. */
  readonly note?: string;
}

interface ComboboxProps<Item extends Suggestion> {
  readonly label: string;
  readonly value: string;
  readonly onInput: (text: string) => void;
  /** Returns suggestions for a text, e.g. from the server. */
  readonly suggest: (text: string) => Promise<readonly Item[]>;
  readonly onChoose: (item: Item) => void;
  readonly required?: boolean;
  /** Shown if there is no suggestion. */
  readonly nothing: string;
}

const pauseMs = 200;

export function Combobox<Item extends Suggestion>({
  label,
  value,
  onInput,
  suggest,
  onChoose,
  required = false,
  nothing,
}: ComboboxProps<Item>) {
  const id = useId();
  const [items, setItems] = useState<readonly Item[] | null>(null);
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const latest = useRef(suggest);
  latest.current = suggest;
  useEffect(() => {
    if (!isOpen) return;
    let isWanted = true;
    const timer = setTimeout(
      () =>
        latest.current(value).then(
          (found) => {
            if (!isWanted) return;
            setItems(found);
            setActive(-1);
          },
          () => isWanted && setItems([]),
        ),
      pauseMs,
    );
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [value, isOpen]);
  const close = () => {
    setOpen(false);
    setItems(null);
    setActive(-1);
  };
  const choose = (item: Item) => {
    close();
    onChoose(item);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const count = items?.length ?? 0;
    const chosen = items?.[active];
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setOpen(true);
      if (count > 0) setActive((active + (event.key === 'ArrowDown' ? 1 : -1) + count) % count);
    } else if (event.key === 'Enter' && isOpen && chosen !== undefined) {
      event.preventDefault();
      choose(chosen);
    } else if (event.key === 'Escape' && isOpen) {
      event.preventDefault();
      close();
    }
  };
  return (
    <div class="combobox" onFocusOut={(event) => event.currentTarget.contains(event.relatedTarget as Node) || close()}>
      <label for={`${id}-input`}>{label}</label>
      <input
        id={`${id}-input`}
        role="combobox"
        aria-expanded={isOpen}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={active >= 0 ? `${id}-${active}` : undefined}
        autocomplete="off"
        spellcheck={false}
        required={required}
        value={value}
        onInput={(event) => {
          setOpen(true);
          onInput(event.currentTarget.value);
        }}
        onKeyDown={onKeyDown}
      />
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label="Suggestions"
        hidden={!isOpen || !items?.length}
        class="suggestions"
      >
        {items?.map((item, index) => (
          // The field keeps the focus; its keys select an option.
          <div
            key={item.key}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === active}
            onMouseDown={(event) => {
              event.preventDefault();
              choose(item);
            }}
          >
            {item.text} {item.note !== undefined && <span class="hint">{item.note}</span>}
          </div>
        ))}
      </div>
      <span class="hint" role="status">
        {isOpen && items !== null && items.length === 0 && value !== '' && nothing}
      </span>
    </div>
  );
}
