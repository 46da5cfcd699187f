// Announcements after an action, both visible and for screen readers, and management of the focus after the focused element has disappeared.
import { useEffect, useRef, useState } from 'preact/hooks';

const shownMs = 10_000;

/** Announces one sentence in the live region of the page, e.g. "The group was saved." */
export function announce(text: string): void {
  dispatchEvent(new CustomEvent('announce', { detail: text }));
}

/** The live region. An announcement disappears after ten seconds, or with the next view. */
export function Announcer({ place }: { readonly place: string }) {
  const [text, setText] = useState('');
  const saidAt = useRef(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const onAnnounce = (event: Event) => {
      setText((event as CustomEvent<string>).detail);
      saidAt.current = Date.now();
      clearTimeout(timer);
      timer = setTimeout(() => setText(''), shownMs);
    };
    addEventListener('announce', onAnnounce);
    return () => removeEventListener('announce', onAnnounce);
  }, []);
  // An announcement made just before a navigation belongs to the new view.
  useEffect(() => {
    if (Date.now() - saidAt.current > 1000) setText('');
  }, [place]);
  return (
    <p class={text === '' ? 'toast hidden' : 'toast'} role="status" aria-label="Last action">
      {text}
    </p>
  );
}

const watchedMs = 3000;

/**
 * Keeps the focus near an element for a few seconds. The focus moves to the element once it is enabled again. If the element is removed, the focus
 * moves to the nearest region around it, e.g. the table whose row was deleted. Does nothing once the user has moved the focus.
 */
export function keepFocusNear(element: Element | null): void {
  if (!(element instanceof HTMLElement) || element === document.body) return;
  const around: HTMLElement[] = [];
  for (let parent = element.parentElement; parent; parent = parent.parentElement) {
    if (parent.tabIndex >= 0 || parent.hasAttribute('tabindex')) around.push(parent);
  }
  const restore = () => {
    if (document.activeElement !== document.body && document.activeElement !== null) return;
    if (element.isConnected && !element.matches(':disabled')) element.focus();
    else if (!element.isConnected) around.find((each) => each.isConnected)?.focus();
  };
  const observer = new MutationObserver(restore);
  observer.observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['disabled'] });
  setTimeout(() => observer.disconnect(), watchedMs);
}
