(() => {
  'use strict';
  const root = document.documentElement, tip = document.getElementById('tip'), theme = document.getElementById('theme');
  // Storage is refused to some pages opened from disk; the toggle works all the same.
  const keep = value => { try { return value ? localStorage.setItem('quality-theme', value) : localStorage.getItem('quality-theme'); } catch { return null; } };
  const dark = () => root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  const kept = keep();
  if (kept === 'dark' || kept === 'light') root.dataset.theme = kept;
  if (theme) {
    theme.hidden = false;
    theme.setAttribute('aria-pressed', dark());
    theme.addEventListener('click', () => {
      root.dataset.theme = dark() ? 'light' : 'dark';
      theme.setAttribute('aria-pressed', dark());
      keep(root.dataset.theme);
    });
  }
  // A tip is lines of label and value, put in as text: what a document contains never becomes markup.
  const show = (el, x, y) => {
    tip.replaceChildren(...el.dataset.tip.split('\n').map(line => {
      const row = document.createElement('div');
      row.append(...line.split('\t').map((text, i) => Object.assign(document.createElement(i ? 'b' : 'span'), { textContent: text })));
      return row;
    }));
    tip.hidden = false;
    const box = tip.getBoundingClientRect();
    tip.style.left = Math.max(4, Math.min(x + 14, innerWidth - box.width - 8)) + 'px';
    tip.style.top = Math.max(4, y + 16 + box.height > innerHeight ? y - box.height - 10 : y + 16) + 'px';
  };
  const hide = () => { tip.hidden = true; document.querySelectorAll('.at').forEach(el => el.classList.remove('at')); };
  for (const kind of ['pointermove', 'pointerdown'])
    document.addEventListener(kind, e => { const el = e.target.closest?.('[data-tip]'); el ? show(el, e.clientX, e.clientY) : hide(); });
  // A chart is one stop of the Tab key; the arrows walk its points.
  document.addEventListener('keydown', e => {
    const chart = e.target.closest?.('[data-walk]');
    if (e.key === 'Escape') hide();
    const step = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity }[e.key];
    if (!chart || !step) return;
    e.preventDefault();
    const points = [...chart.querySelectorAll('[data-tip]')];
    if (!points.length) return;
    const was = points.findIndex(p => p.classList.contains('at'));
    const at = points[Math.max(0, Math.min(points.length - 1, was < 0 && step === -1 ? points.length - 1 : was + step))];
    hide();
    at.classList.add('at');
    const box = at.getBoundingClientRect();
    show(at, box.left + box.width / 2, box.top + Math.min(box.height / 2, 40));
  });
  document.addEventListener('focusout', hide);
})();
