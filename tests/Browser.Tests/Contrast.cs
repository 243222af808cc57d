namespace Browser.Tests;

static class Contrast
{
    /// <summary>Lists every text whose contrast with what lies behind it is below WCAG AA (4.5, or 3 for large text).</summary>
    public const string Script = """
        () => {
          const parse = c => { const m = c.match(/[\d.]+/g).map(Number); return c.startsWith('color(srgb') ? [m[0] * 255, m[1] * 255, m[2] * 255, m[3] ?? 1] : [m[0], m[1], m[2], m[3] ?? 1]; };
          const over = (a, b) => [0, 1, 2].map(i => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
          const light = c => { const [r, g, b] = c.map(v => { v /= 255; return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; }); return .2126 * r + .7152 * g + .0722 * b; };
          const behind = el => { const stack = []; for (let e = el; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); stack.push(c); if (c[3] === 1) break; } return stack.reduceRight((under, c) => over(c, under), [255, 255, 255, 1]); };
          const found = new Set(), walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          for (let n = walk.nextNode(); n; n = walk.nextNode()) {
            const el = n.parentElement;
            if (!n.textContent.trim() || !el.checkVisibility() || el.closest('script, style, .sr, .strip')) continue;
            const style = getComputedStyle(el), svg = el.closest('svg');
            const back = behind(el), fore = over(parse(svg ? style.fill : style.color), back);
            const [hi, lo] = [light(fore), light(back)].sort((a, b) => b - a), ratio = (hi + .05) / (lo + .05);
            const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
            if (ratio < (large ? 3 : 4.5)) found.add(`${ratio.toFixed(2)} ${el.tagName}.${el.getAttribute('class')} "${n.textContent.trim().slice(0, 30)}"`);
          }
          return [...found].slice(0, 12);
        }
        """;
}
