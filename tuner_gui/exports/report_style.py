"""How a report looks: light or dark as the reader's system is, and on paper."""

from __future__ import annotations

STYLE = """
:root {
  color-scheme: light dark;
  --ground: #ffffff; --panel: #f4f5f7; --text: #1d2129; --second: #5a6270; --grid: #e3e6ea; --border: #cdd2d9;
  --blue: #0072b2; --soft: #8fb8d6; --orange: #d55e00; --region: #d9e9f5; --band: #f4f5f7;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #16181d; --panel: #1f2229; --text: #e8eaee; --second: #a2a9b5; --grid: #2a2e37; --border: #434955;
    --blue: #56b4e9; --soft: #416d8c; --orange: #ff9a5c; --region: #213c52; --band: #1f2229;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 40px 24px 72px; max-width: 1000px; background: var(--ground); color: var(--text);
  font: 15px/1.55 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
}
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 18px; margin: 44px 0 8px; padding-top: 14px; border-top: 1px solid var(--border); }
p { margin: 8px 0; max-width: 76ch; overflow-wrap: anywhere; }
.under { color: var(--second); }
.figures { display: flex; flex-wrap: wrap; gap: 12px; margin: 24px 0 0; padding: 0; list-style: none; }
.figures li { flex: 1 1 150px; padding: 12px 16px; background: var(--panel); border-radius: 8px; }
.figures b { display: block; font-size: 21px; font-weight: 600; font-variant-numeric: tabular-nums; }
.figures span { color: var(--second); font-size: 13px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: 12px 0; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { padding: 5px 14px 5px 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--grid); }
th { color: var(--second); font-weight: 500; white-space: nowrap; }
td.number, th.number { text-align: right; white-space: nowrap; }
tr.first td { font-weight: 600; }
svg { display: block; width: 100%; height: auto; margin: 12px 0; }
.slices { display: grid; grid-template-columns: repeat(auto-fill, minmax(280px, 1fr)); gap: 4px 16px; }
.slices svg { margin: 4px 0; }
svg text { fill: var(--second); font-size: 12px; font-family: inherit; }
svg text.name { fill: var(--text); }
.grid { stroke: var(--grid); stroke-width: 1; }
.dots { fill: none; stroke-width: 5; stroke-linecap: round; }
.dots.many { stroke-width: 2; }
.dots.trial { stroke: var(--soft); }
.dots.good { stroke: var(--orange); }
.line { fill: none; stroke-linejoin: round; }
.line.best { stroke: var(--orange); stroke-width: 2.2; }
.line.curve { stroke: var(--soft); stroke-width: 1.4; }
.region { fill: var(--region); opacity: .6; }
.stage0 { fill: none; }
.stage1 { fill: var(--band); }
.share { fill: var(--blue); }
.whisker { stroke: var(--text); stroke-width: 1.6; }
.read {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}
tr.read { position: absolute; }
tbody th { font-weight: 500; padding-right: 24px; }
td { overflow-wrap: break-word; }
tbody th + td { overflow-wrap: anywhere; }
.plot { overflow-x: auto; }
.scroll:focus-visible { outline: 2px solid var(--blue); outline-offset: 2px; }
@media (max-width: 640px) {
  body { padding: 20px 16px 48px; }
  h1 { font-size: 23px; }
  h2 { margin-top: 32px; }
  .figures { gap: 8px; }
  .figures li { flex-basis: 120px; padding: 10px 12px; }
  .slices { grid-template-columns: 1fr; }
  /* Shrunk to a phone, the letters of a wide plot could not be read: it is moved sideways instead. */
  .plot svg.wide { width: 760px; }
}
@media print {
  :root {
    --ground: #ffffff; --panel: #f4f5f7; --text: #000000; --second: #444b57; --grid: #d9dde3; --border: #b4bac4;
    --blue: #0072b2; --soft: #8fb8d6; --orange: #d55e00; --region: #d9e9f5; --band: #f4f5f7;
  }
  @page { margin: 16mm 14mm; }
  body { max-width: none; padding: 0; font-size: 10pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  h2 { break-after: avoid; margin-top: 22px; }
  .under, caption { break-after: avoid; }
  .plot, tr, .figures { break-inside: avoid; }
  thead { display: table-header-group; }
  .scroll, .plot { overflow: visible; }
  .slices { grid-template-columns: repeat(3, 1fr); }
  table { font-size: 8.5pt; }
  th, td { padding-right: 8px; }
}
"""
