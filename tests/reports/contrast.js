// The texts of this page whose contrast is below 4.5 to 1.
const parse = colour => { const part = colour.match(/[\d.]+/g).map(Number); return {rgb: part.slice(0, 3), alpha: part.length > 3 ? part[3] : 1}; };
const luminance = rgb => { const [r, g, b] = rgb.map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const ground = element => { for (let at = element; at; at = at.parentElement) { const colour = parse(getComputedStyle(at).backgroundColor); if (colour.alpha === 1) return colour.rgb; } return [255, 255, 255]; };
const weak = new Set();
let seen = 0;
for (const element of document.querySelectorAll("body *")) {
  const own = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
  if (!own || !element.checkVisibility()) continue;
  seen += 1;
  const [high, low] = [luminance(parse(getComputedStyle(element).color).rgb), luminance(ground(element))].sort((a, b) => b - a);
  const ratio = (high + 0.05) / (low + 0.05);
  if (ratio < 4.5) weak.add(`${element.tagName}.${element.className} ${ratio.toFixed(2)}`);
}
return seen > 50 ? [...weak] : ["too little was looked at"];
