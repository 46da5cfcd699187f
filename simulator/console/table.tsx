// Tables of the console: header, rows, a frame that scrolls horizontally on narrow screens, and paging.
import type { ComponentChildren } from 'preact';
import { setQuery } from './route.ts';

interface TableProps {
  /** Read by screen readers. */
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: ReadonlyArray<{ readonly key: string | number; readonly cells: readonly ComponentChildren[] }>;
}

/** Shows a table. Arrow keys, Home and End move between the rows' first links or buttons. */
export function Table({ caption, head, rows }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable content must be reachable by keyboard.
    // biome-ignore lint/a11y/useSemanticElements: a labelled section would have the same role.
    <div class="table" role="region" aria-label={caption} tabIndex={0} onKeyDown={moveThroughRows}>
      <table>
        <caption class="hidden">{caption}</caption>
        <thead>
          <tr>
            {head.map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells }) => (
            <tr key={key}>
              {cells.map((cell, column) => (
                <td key={head[column]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const controls = 'a[href], button:not(:disabled), summary, input, select';

function primaryControls(region: Element): HTMLElement[] {
  return [...region.querySelectorAll('tbody tr')].flatMap((row) => row.querySelector<HTMLElement>(controls) ?? []);
}

/** Focuses the first row of the first list of the view. Returns false if there is none. */
export function focusFirstRow(): boolean {
  const region = document.querySelector('main .table');
  const [first] = region ? primaryControls(region) : [];
  first?.focus();
  return first !== undefined;
}

function moveThroughRows(event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void {
  const { target, currentTarget: region } = event;
  if (!(target instanceof HTMLElement) || target.matches('input, select, textarea')) return;
  const rows = primaryControls(region);
  const row = target.closest('tbody tr');
  const here = row === null ? -1 : rows.findIndex((control) => row.contains(control));
  const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: rows.length - 1 }[event.key];
  if (to === undefined || rows.length === 0) return;
  event.preventDefault();
  if (to < 0) region.focus();
  else rows[Math.min(to, rows.length - 1)]?.focus();
}

interface PagerProps {
  readonly offset: number;
  readonly size: number;
  readonly count: number;
  /** Name of the offset in the URL. */
  readonly name?: string;
  /** Name of the paged items, required if a view has several lists. */
  readonly of?: string;
}

/**
 * Shows the buttons for the previous and the next page. The offset is part of the URL. If the offset is beyond the last item, the button Previous
 * leads to the last page.
 */
export function Pager({ offset, size, count, name = 'offset', of }: PagerProps) {
  if (count <= size && offset === 0) return null;
  const go = (to: number) => setQuery({ [name]: to <= 0 ? '' : String(to) });
  const lastPage = Math.max(0, Math.ceil(count / size) - 1) * size;
  return (
    <nav class="pager" aria-label={of === undefined ? 'Pages' : `Pages of ${of}`}>
      <button type="button" disabled={offset === 0} onClick={() => go(Math.min(offset - size, lastPage))}>
        Previous
      </button>
      <span role="status">
        {offset >= count
          ? `None of ${count} on this page`
          : `${offset + 1}–${Math.min(offset + size, count)} of ${count}`}
      </span>
      <button type="button" disabled={offset + size >= count} onClick={() => go(offset + size)}>
        Next
      </button>
    </nav>
  );
}

/** Origins, e.g. "platform", "endpoint". */
export function Origins({ of }: { readonly of: readonly string[] }) {
  return (
    <>
      {of.map((origin) => (
        <span key={origin} class={`badge ${origin}`}>
          {origin}
        </span>
      ))}
    </>
  );
}
