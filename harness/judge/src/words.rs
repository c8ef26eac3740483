//! Puts figures and stages into words, the same way in every detail and reason.

use model::record::Stage;

/// A figure with three significant digits, and commas from a thousand on.
pub(crate) fn figure(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() || size >= 1e15 {
        return format!("{value}");
    }
    match size {
        _ if size >= 999.5 => with_commas(value),
        _ if size >= 99.95 => format!("{value:.0}"),
        _ if size >= 9.995 => format!("{value:.1}"),
        _ if size >= 0.9995 || size == 0.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

/// A share of one in percent.
pub(crate) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent.abs() < 9.95 { format!("{percent:.2} %") } else { format!("{percent:.0} %") }
}

/// A *p*-value: never "0".
pub(crate) fn chance(p: f64) -> String {
    if p < 0.0005 { "less than 0.0005".to_owned() } else { format!("{p:.4}") }
}

/// A stage of a trial.
pub(crate) fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::SetUp => "set-up",
        Stage::StartUp => "start-up",
        Stage::ContractCheck => "contract check",
        Stage::Drive => "load",
        Stage::AfterCheck => "check after the load",
    }
}

/// "1 block", "2 blocks".
pub(crate) fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

fn with_commas(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut text = String::from(if value < 0.0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits() {
        let figures = [0.0, 0.0123, 0.9996, 1.5, 12.34, 123.4, 999.6, 1234.5, 1_234_567.0, -4321.0].map(figure);
        assert_eq!(figures, ["0.00", "0.012", "1.00", "1.50", "12.3", "123", "1,000", "1,234", "1,234,567", "-4,321"]);
        assert_eq!(figure(f64::NAN), "NaN");
        assert_eq!([0.0012, 0.5].map(percent), ["0.12 %", "50 %"]);
    }
}
