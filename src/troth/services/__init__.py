"""Services: the one door. An actor and a frozen command in, a frozen result out; opens stores and hands them on."""
