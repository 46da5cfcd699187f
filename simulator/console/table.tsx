// Owns tables of the console: a head, rows, and a frame that scrolls by itself on a narrow screen.
import type { ComponentChildren } from 'preact';
import { setQuery } from './route.ts';

interface TableProps {
  /** Read by screen readers. */
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: ReadonlyArray<{ readonly key: string | number; readonly cells: readonly ComponentChildren[] }>;
}

export function Table({ caption, head, rows }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
    // biome-ignore lint/a11y/useSemanticElements: a section would be no less a region.
    <div class="table" role="region" aria-label={caption} tabIndex={0}>
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

interface PagerProps {
  readonly offset: number;
  readonly size: number;
  readonly count: number;
}

/** The offset stands in the URL. */
export function Pager({ offset, size, count }: PagerProps) {
  if (count <= size && offset === 0) return null;
  const go = (to: number) => setQuery({ offset: to <= 0 ? '' : String(to) });
  return (
    <nav class="pager" aria-label="Pages">
      <button type="button" disabled={offset === 0} onClick={() => go(offset - size)}>
        Previous
      </button>
      <span>
        {Math.min(offset + 1, count)}–{Math.min(offset + size, count)} of {count}
      </span>
      <button type="button" disabled={offset + size >= count} onClick={() => go(offset + size)}>
        Next
      </button>
    </nav>
  );
}

/** "platform", "endpoint": who gives something. */
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
