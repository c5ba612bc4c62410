//! The files that pages ask for, compiled into the binary.

/// One file below `/assets/`.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    /// Its name below `/assets/`.
    pub name: &'static str,
    /// Its media type.
    pub content_type: &'static str,
    /// Its contents.
    pub body: &'static str,
}

/// Every file below `/assets/`.
pub const ALL: &[Asset] = &[
    Asset { name: "app.css", content_type: "text/css; charset=utf-8", body: include_str!("../../../assets/app.css") },
    Asset { name: "patient.css", content_type: "text/css; charset=utf-8", body: include_str!("../../../assets/patient.css") },
    Asset { name: "sign.js", content_type: "text/javascript; charset=utf-8", body: include_str!("../../../assets/sign.js") },
    Asset { name: "live.js", content_type: "text/javascript; charset=utf-8", body: include_str!("../../../assets/live.js") },
    Asset { name: "icons.svg", content_type: "image/svg+xml", body: include_str!("../../../assets/icons.svg") },
    Asset { name: "favicon.svg", content_type: "image/svg+xml", body: include_str!("../../../assets/favicon.svg") },
];

/// The policy that every page keeps; there is no inline script or style anywhere.
pub const CONTENT_SECURITY_POLICY: &str =
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

/// Changes whenever an asset changes; pages put it behind the asset's name, so that each may be
/// cached for good.
pub const VERSION: u64 = version();

const fn version() -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut file = 0;
    while file < ALL.len() {
        let bytes = ALL[file].body.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0100_0000_01b3);
            at += 1;
        }
        file += 1;
    }
    hash
}

/// The asset of that name.
pub fn find(name: &str) -> Option<&'static Asset> {
    ALL.iter().find(|asset| asset.name == name)
}

/// [`VERSION`] as it stands in addresses.
pub fn version_tag() -> String {
    format!("{VERSION:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One colour pair of `app.css`, as (light, dark).
    fn colour(css: &str, variable: &str) -> (f64, f64) {
        let line = css
            .lines()
            .find(|line| line.trim_start().starts_with(&format!("{variable}: light-dark(")))
            .unwrap_or_else(|| panic!("{variable} is not a pair of colours"));
        let inside = line.split_once("light-dark(").and_then(|(_, rest)| rest.split_once(')'));
        let (light, dark) = inside.and_then(|(pair, _)| pair.split_once(", ")).expect("two colours");
        (luminance(light), luminance(dark))
    }

    fn luminance(hex: &str) -> f64 {
        let channel = |at: usize| {
            let value = u8::from_str_radix(&hex[at..at + 2], 16).expect("a colour is #rrggbb");
            let share = f64::from(value) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrast(one: f64, other: f64) -> f64 {
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn text_stands_out_in_light_and_in_dark() {
        let css = find("app.css").expect("the style is an asset").body;
        let mut pairs: Vec<(String, String, f64)> = Vec::new();
        for ink in ["--ink", "--ink-2", "--ink-3", "--accent", "--accent-strong"] {
            for ground in ["--canvas", "--page", "--surface", "--raised"] {
                pairs.push((ink.into(), ground.into(), 4.5));
            }
        }
        for ink in ["--ink", "--ink-2", "--accent", "--accent-strong"] {
            pairs.push((ink.into(), "--accent-soft".into(), 4.5));
        }
        for tone in ["good", "info", "quiet", "warn", "bad", "off"] {
            for ground in ["--surface".to_string(), "--raised".to_string(), format!("--{tone}-soft")] {
                pairs.push((format!("--{tone}"), ground, 4.5));
            }
        }
        for ink in ["--ink", "--ink-2"] {
            pairs.push((ink.into(), "--quiet-soft".into(), 4.5));
        }
        pairs.push(("--accent-ink".into(), "--accent".into(), 4.5));
        pairs.push(("--accent-ink".into(), "--accent-strong".into(), 4.5));
        pairs.push(("--mine-ink".into(), "--mine".into(), 4.5));
        pairs.push(("--line-strong".into(), "--surface".into(), 3.0));
        pairs.push(("--line-strong".into(), "--raised".into(), 3.0));
        pairs.push(("--accent".into(), "--canvas".into(), 3.0));
        let mut faint = Vec::new();
        for (ink, ground, least) in pairs {
            let (ink_light, ink_dark) = colour(css, &ink);
            let (ground_light, ground_dark) = colour(css, &ground);
            for (theme, ratio) in [("light", contrast(ink_light, ground_light)), ("dark", contrast(ink_dark, ground_dark))] {
                if ratio < least {
                    faint.push(format!("{ink} on {ground} in {theme}: {ratio:.2} < {least}"));
                }
            }
        }
        assert!(faint.is_empty(), "{}", faint.join("\n"));
    }

    #[test]
    fn contrast_is_measured_as_the_guidelines_say() {
        assert!((contrast(luminance("#000000"), luminance("#ffffff")) - 21.0).abs() < 1e-9);
        assert!((contrast(luminance("#777777"), luminance("#ffffff")) - 4.48).abs() < 0.01);
    }

    #[test]
    fn the_style_respects_wishes_and_paper() {
        let css = find("app.css").expect("the style is an asset").body;
        for rule in ["prefers-reduced-motion: reduce", "@media print", "forced-colors: active", ":focus-visible"] {
            assert!(css.contains(rule), "{rule}");
        }
    }
}
