//! Numbers, shares and times as text.

/// A number with about three significant digits and thousands set apart.
pub(crate) fn number(value: f64) -> String {
    let size = value.abs();
    match size {
        _ if !value.is_finite() => "unknown".to_owned(),
        _ if size >= 100.0 => thousands(value),
        _ if size >= 10.0 => format!("{value:.1}"),
        _ if size >= 0.1 => format!("{value:.2}"),
        _ if size == 0.0 => "0".to_owned(),
        _ if size >= 0.001 => format!("{value:.4}"),
        _ => format!("{value:.1e}"),
    }
}

fn thousands(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if value < 0.0 { format!("−{text}") } else { text }
}

/// A whole number with thousands set apart.
pub(crate) fn count(value: u64) -> String {
    thousands(value as f64)
}

/// A share as per cent.
pub(crate) fn percent(share: f64) -> String {
    let text = format!("{:.1}", share * 100.0);
    format!("{} %", text.strip_suffix(".0").unwrap_or(&text))
}

/// A quantile as the share of requests, with as many nines as it has.
pub(crate) fn share(quantile: f64) -> String {
    let percent = (quantile * 1e8).round() / 1e6;
    format!("{percent} %")
}

/// Microseconds in the unit that reads best.
pub(crate) fn micros(us: f64) -> String {
    match us.abs() {
        _ if !us.is_finite() => "unknown".to_owned(),
        size if size >= 1e6 => format!("{} s", number(us / 1e6)),
        size if size >= 1e3 => format!("{} ms", number(us / 1e3)),
        _ => format!("{} µs", number(us)),
    }
}

/// Seconds in the unit that reads best.
pub(crate) fn seconds(s: f64) -> String {
    if s >= 90.0 { format!("{} min", number(s / 60.0)) } else { format!("{} s", number(s)) }
}

/// A registered number, without zeros that say nothing.
pub(crate) fn border(ratio: f64) -> String {
    let text = number(ratio);
    let is_short = text.contains('.') && !text.contains('e');
    if is_short { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_about_three_digits() {
        let shown: Vec<String> =
            [0.0, 0.034, 0.987, 1.0244, 45.67, 1234.5, 1e6, -2500.0, f64::NAN].into_iter().map(number).collect();
        assert_eq!(shown, ["0", "0.0340", "0.99", "1.02", "45.7", "1,234", "1,000,000", "−2,500", "unknown"]);
    }

    #[test]
    fn times_take_the_unit_that_reads_best() {
        assert_eq!([micros(85.2), micros(1234.0), micros(2.5e6)], ["85.2 µs", "1.23 ms", "2.50 s"]);
        assert_eq!([percent(0.01), percent(0.001), percent(0.99)], ["1 %", "0.1 %", "99 %"]);
    }
}
