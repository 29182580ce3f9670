//! A month, day by day, with how many clips each has.

/// One day of it.
#[derive(Debug, Clone)]
pub struct Day {
    pub number: u32,
    /// Of the day's clips; none where the day has none.
    pub href: Option<String>,
    pub clips: u64,
    pub marked: u64,
}

#[derive(Debug, Clone)]
pub struct Month {
    /// `2026-11`
    pub name: String,
    /// Of the day that it begins with, Monday first: 0 to 6.
    pub begins: u32,
    pub days: Vec<Day>,
    pub weekdays: [String; 7],
    /// What a screen reader says behind a count.
    pub unit: String,
    pub before: String,
    pub after: String,
    pub before_name: String,
    pub after_name: String,
}

impl Month {
    /// Weeks of seven places; empty ones before the first and behind the last day.
    pub fn weeks(&self) -> Vec<Vec<Option<&Day>>> {
        let lead = (0..self.begins.min(6)).map(|_| None);
        let mut places: Vec<Option<&Day>> = lead.chain(self.days.iter().map(Some)).collect();
        while !places.len().is_multiple_of(7) {
            places.push(None);
        }
        places.chunks(7).map(<[Option<&Day>]>::to_vec).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(begins: u32, days: u32) -> Month {
        let day = |number| Day { number, href: None, clips: 0, marked: 0 };
        Month {
            name: "2026-11".into(),
            begins,
            days: (1..=days).map(day).collect(),
            weekdays: Default::default(),
            unit: String::new(),
            before: String::new(),
            after: String::new(),
            before_name: String::new(),
            after_name: String::new(),
        }
    }

    #[test]
    fn every_day_stands_below_its_weekday_and_each_week_has_seven_places() {
        // November 2026 begins on a Sunday, February 2027 on a Monday.
        for (begins, days, weeks) in [(6, 30, 6), (0, 28, 4), (5, 31, 6)] {
            let month = month(begins, days);
            let all = month.weeks();
            assert_eq!(all.len(), weeks);
            assert!(all.iter().all(|week| week.len() == 7));
            let flat: Vec<_> = all.concat();
            assert_eq!(flat.iter().flatten().count(), days as usize);
            assert_eq!(flat[begins as usize].map(|day| day.number), Some(1));
        }
    }
}
